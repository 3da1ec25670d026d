/**
 * Why somebody is sent to radiology: one row a clinical situation, with the chart that belongs to it.
 * The texts are templates for how orders are typed, written without looking at any list of words that the product knows.
 * `{side}` left or right, `{other}` its opposite, `{n}` 2 to 9, `{age}` years, `{he}` he or she.
 */
export interface Situation {
  readonly id: string;
  /** Codes of the site's procedure map; one is ordered. */
  readonly codes: readonly [string, ...string[]];
  /** S stat, A as soon as possible, R routine. */
  readonly priority: 'S' | 'A' | 'R';
  readonly patientClass: 'E' | 'I' | 'O';
  readonly ages: readonly [number, number];
  readonly sex?: 'F' | 'M';
  readonly texts: readonly [string, ...string[]];
  /** Latest eGFR, mL/min/1.73 m2, from and to. Absent: an unremarkable one. Null: never measured. */
  readonly egfr?: readonly [number, number] | null;
  readonly rising?: boolean;
  readonly pregnant?: 'yes' | 'no';
  readonly problems?: readonly string[];
  readonly medications?: readonly string[];
  readonly allergies?: readonly { readonly substance: string; readonly reaction: string }[];
  readonly notes?: readonly string[];
  readonly priors?: readonly (readonly [modality: string, text: string])[];
}

const metformin = 'Metformin 1000 mg twice daily';
const contrastHives = { substance: 'Iodinated contrast', reaction: 'Hives and facial swelling within minutes, treated with diphenhydramine' };

export const situations: readonly Situation[] = [
  { id: 'worst-headache', codes: ['CTHEADWO'], priority: 'S', patientClass: 'E', ages: [35, 70],
    texts: ['sudden worst HA of life {n} hrs ago while lifting, vomited x2, neck stiff. r/o SAH', 'thunderclap headache, no trauma, neck is stiff, GCS 15'] },
  { id: 'fall-anticoagulated', codes: ['CTHEADWO'], priority: 'S', patientClass: 'E', ages: [70, 92], medications: ['Apixaban 5 mg twice daily'], problems: ['Atrial fibrillation'],
    texts: ['fell from standing onto {side} temple, on eliquis, no LOC but more sleepy now', 'unwitnessed fall at nursing home, blood thinner, bruise {side} forehead. bleed?'] },
  { id: 'stroke-window', codes: ['CTAHEADNECK', 'CTPERFHEAD'], priority: 'S', patientClass: 'E', ages: [55, 85], egfr: [48, 80],
    texts: ['code stroke. LKW {n}0 min ago, {side} arm + face weak, cant speak, NIHSS 14. LVO?', 'acute {side} hemiparesis w aphasia since breakfast, on the clock'] },
  { id: 'tia-followup', codes: ['USCAROTID'], priority: 'A', patientClass: 'O', ages: [60, 82],
    texts: ['TIA {n} days ago w transient {side} arm numbness, resolved. carotid stenosis?', 'amaurosis {side} eye lasted 5 min last wk'] },
  { id: 'venous-sinus', codes: ['CTVHEAD'], priority: 'S', patientClass: 'E', ages: [22, 40], sex: 'F', medications: ['Combined oral contraceptive'],
    texts: ['{n} d progressive HA, papilledema on exam, on OCP. venous sinus thrombosis?'] },
  { id: 'facial-trauma', codes: ['CTFACEWO'], priority: 'A', patientClass: 'E', ages: [18, 45],
    texts: ['punched {side} cheek last night, double vision looking up, numb cheek', 'MVC face vs dashboard, malocclusion, {side} periorbital swelling'] },
  { id: 'sinusitis-preop', codes: ['CTSINUSWO'], priority: 'R', patientClass: 'O', ages: [25, 65],
    texts: ['chronic sinusitis >12 wks despite abx + steroid spray, FESS planning', 'nasal polyps, ENT wants CT before surgery'] },
  { id: 'cholesteatoma', codes: ['CTTEMPBONE'], priority: 'R', patientClass: 'O', ages: [12, 60],
    texts: ['draining {side} ear, white mass behind TM, conductive HL. ?cholesteatoma'] },
  { id: 'orbital-cellulitis', codes: ['CTORBITW'], priority: 'S', patientClass: 'E', ages: [6, 40],
    texts: ['{side} eye swollen shut, painfull eye mvmts, proptosis, T 39. orbital vs preseptal'] },
  { id: 'neck-abscess', codes: ['CTNECKW'], priority: 'S', patientClass: 'E', ages: [18, 50],
    texts: ['{n} d sore throat, trismus, muffled voice, cannot swallow saliva. abscess?', 'neck mass {side} level II enlarging over {n} wks, smoker'] },
  { id: 'pe-chest-pain', codes: ['CTACHESTPE'], priority: 'S', patientClass: 'E', ages: [30, 78],
    texts: ['SOB + pleuritic CP since this am, HR 118, ddimer 2400, {n} wks post hip replacement', 'acute dyspnea, sat 89 RA, calf swollen. PE?? denies hemoptysis'] },
  { id: 'pe-contrast-reaction', codes: ['CTACHESTPE'], priority: 'S', patientClass: 'E', ages: [40, 70], allergies: [contrastHives],
    texts: ['?PE, tachy, prior DVT off AC. (pt says broke out after last CT dye)', 'pleuritic pain, d dimer pos, hx of "dye allergy"'] },
  { id: 'pe-pregnant', codes: ['NMVQ', 'CTACHESTPE'], priority: 'S', patientClass: 'E', ages: [24, 38], sex: 'F', pregnant: 'yes', problems: ['Pregnancy, 26 weeks'],
    texts: ['26 wk preg, SOB and tachycardia, no leg swelling, CXR clear. r/o PE', 'G2P1 2nd trim, acute pleuritic CP'] },
  { id: 'pneumonia-nonresolving', codes: ['CTCHESTW', 'XRCHEST2V'], priority: 'R', patientClass: 'O', ages: [50, 80],
    texts: ['cough 8 wks, opacity RLL not cleared after 2 courses abx, wt loss 6 kg', 'persistant infiltrate, smoker 40 py, no fever'] },
  { id: 'nodule-followup', codes: ['CTCHESTWO'], priority: 'R', patientClass: 'O', ages: [50, 78], priors: [['CT', 'CT CHEST W CONTRAST']],
    texts: ['f/u {n} mm {side} upper lobe nodule from CT last yr', '6 mo f/u of incidental lung nodule, never smoker, no new sx'] },
  { id: 'lung-screening', codes: ['CTLUNGSCR'], priority: 'R', patientClass: 'O', ages: [52, 77],
    texts: ['annual LDCT, 35 pack yr, quit 4 yrs ago, asymptomatic, shared decision done', 'lung ca screening, current smoker 1 ppd x 30'] },
  { id: 'ild', codes: ['CTCHESTHR'], priority: 'R', patientClass: 'O', ages: [45, 78], problems: ['Rheumatoid arthritis'], medications: ['Methotrexate 15 mg weekly'],
    texts: ['dry cough, velcro crackles at bases, DLCO 48%, RA on MTX. ILD?'] },
  { id: 'dissection', codes: ['CTAAORTA'], priority: 'S', patientClass: 'E', ages: [48, 80], problems: ['Hypertension'],
    texts: ['tearing CP to back, BP 210/100 R 160/88 L, wide mediastinum. dissection', 'sudden ripping chest + back pain, pulse deficit {side} arm'] },
  { id: 'coronary', codes: ['CTACORONARY'], priority: 'R', patientClass: 'O', ages: [42, 66], medications: ['Metoprolol 50 mg daily'],
    texts: ['atypical CP w exertion, low-int pretest prob, nl ECG. HR 58 on bb', 'fhx early MI, equivocal treadmill'] },
  { id: 'appendicitis', codes: ['CTABDPELW'], priority: 'S', patientClass: 'E', ages: [18, 50],
    texts: ['RLQ pain x {n}0 hrs, started periumbilical, WBC 15, rebound. appy', 'rt lower quad pain, fever, anorexia'] },
  { id: 'appendicitis-child', codes: ['USAPPY'], priority: 'S', patientClass: 'E', ages: [5, 15],
    texts: ['{age} yo w belly pain moved to RLQ, wont jump, WBC 14', 'r/o appy, refuses food since ystrday'] },
  { id: 'appendicitis-pregnant', codes: ['MRABDWWO', 'USAPPY'], priority: 'S', patientClass: 'E', ages: [23, 37], sex: 'F', pregnant: 'yes', problems: ['Pregnancy, 19 weeks'],
    texts: ['19/40 pregnant, RLQ pain + leukocytosis, US non dx. appendicitis?'] },
  { id: 'diverticulitis-ckd-metformin', codes: ['CTABDPELW'], priority: 'A', patientClass: 'E', ages: [62, 84], egfr: [21, 27], medications: [metformin, 'Lisinopril 20 mg daily'], problems: ['Type 2 diabetes mellitus', 'Chronic kidney disease stage 4'],
    texts: ['LLQ pain {n} days, low grade T, hx divertic. abscess? IV contrast please', 'known diverticulosis now tender LLQ w guarding'] },
  { id: 'abdomen-aki', codes: ['CTABDPELW'], priority: 'S', patientClass: 'I', ages: [58, 85], egfr: [26, 38], rising: true, problems: ['Sepsis'], medications: ['Vancomycin 1 g IV'],
    texts: ['septic, lactate 5, source? distended abd, cr going up', 'post op day {n} colectomy, fever, leak?? urine output falling'] },
  { id: 'bowel-obstruction', codes: ['CTABDPELW', 'XRABD2V'], priority: 'S', patientClass: 'E', ages: [45, 85],
    texts: ['vomiting, no flatus 2 days, multiple prior abd surgeries. SBO', 'distended, high pitched BS, hx adhesions'] },
  { id: 'stone', codes: ['CTSTONE'], priority: 'A', patientClass: 'E', ages: [25, 60],
    texts: ['{side} flank pain to groin, microhematuria, hx stones', 'colicky {side} flank pn, n/v, no fever. kidney stone'] },
  { id: 'stone-young-woman', codes: ['CTSTONE', 'USRENAL'], priority: 'A', patientClass: 'E', ages: [19, 33], sex: 'F',
    texts: ['{side} flank pain, blood in urine, LMP about 6 wks ago', 'renal colic, periods irregular'] },
  { id: 'hematuria', codes: ['CTUROGRAM'], priority: 'R', patientClass: 'O', ages: [50, 80],
    texts: ['painless gross hematuria x {n} wks, smoker, cysto pending'] },
  { id: 'liver-mass', codes: ['CTLIVER', 'MRABDWWO'], priority: 'R', patientClass: 'O', ages: [48, 75], problems: ['Cirrhosis due to hepatitis C'], priors: [['US', 'US ABDOMEN COMPLETE']],
    texts: ['cirrhosis, 2.{n} cm lesion seg VI on surveillance US, AFP 44. HCC?'] },
  { id: 'pancreas-mass', codes: ['CTPANCREAS'], priority: 'A', patientClass: 'O', ages: [55, 80],
    texts: ['painless jaundice, wt loss, dilated CBD on US. panc head ca', 'new onset DM + 10 kg wt loss, ca19-9 up'] },
  { id: 'adrenal', codes: ['CTADRENAL'], priority: 'R', patientClass: 'O', ages: [40, 72], priors: [['CT', 'CT ABDOMEN AND PELVIS W CONTRAST']],
    texts: ['{n} mm more than 2 cm incidental {side} adrenal nodule, non-functioning. washout', 'adrenal incidentaloma characterise'] },
  { id: 'cancer-staging', codes: ['CTCAPW'], priority: 'R', patientClass: 'O', ages: [45, 78], problems: ['Malignant neoplasm of colon'],
    texts: ['sigmoid adenoca on scope, staging', 'restaging colon ca after cycle {n} FOLFOX, compare prior'] },
  { id: 'trauma-pan', codes: ['CTCAPW', 'CTCSPINEWO'], priority: 'S', patientClass: 'E', ages: [18, 60], egfr: null,
    texts: ['MCC 100 kph, helmet, GCS 14, chest wall crepitus, seat belt sign neg', 'fall {n} m off roof, hypotensive, FAST +'] },
  { id: 'neck-trauma', codes: ['CTCSPINEWO'], priority: 'S', patientClass: 'E', ages: [65, 88],
    texts: ['fell down stairs, midline c spine tenderness, no neuro deficit'] },
  { id: 'claudication', codes: ['CTARUNOFF'], priority: 'R', patientClass: 'O', ages: [58, 80], egfr: [31, 44], problems: ['Peripheral arterial disease', 'Type 2 diabetes mellitus'], medications: [metformin],
    texts: ['{side} calf claudication 50 m, ABI 0.5, planning angioplasty'] },
  { id: 'tibial-plateau', codes: ['CTKNEEWO'], priority: 'A', patientClass: 'E', ages: [25, 60],
    texts: ['{side} tibial plateau fx on XR, ortho wants CT'] },
  { id: 'lumbar-nonspecific', codes: ['MRLSPINEWO', 'XRLSPINE', 'CTLSPINEWO'], priority: 'R', patientClass: 'O', ages: [30, 60],
    texts: ['LBP 2 wks after moving furniture, no red flags, no weakness', 'chronic back pain, pt requests MRI'] },
  { id: 'cauda-equina', codes: ['MRLSPINEWO', 'MRLSPINEWWO'], priority: 'S', patientClass: 'E', ages: [32, 60],
    texts: ['bilat leg weakness, saddle numbness, PVR 600 ml. cauda equina', 'cant pee since last nite, numb perineum, known L5/S1 disc'] },
  { id: 'cord-compression', codes: ['MRTOTSPINE', 'MRTSPINEWWO'], priority: 'S', patientClass: 'I', ages: [50, 80], problems: ['Metastatic prostate cancer'], sex: 'M',
    texts: ['mets prostate, new leg weakness + sensory level T8. cord compression?'] },
  { id: 'ms-followup', codes: ['MRBRAINWWO'], priority: 'R', patientClass: 'O', ages: [24, 50], problems: ['Multiple sclerosis'], priors: [['MR', 'MRI BRAIN W WO CONTRAST']],
    texts: ['RRMS on ocrelizumab, annual, no relapse since', 'MS, new numb {side} hand {n} days, active lesion?'] },
  { id: 'brain-mets', codes: ['MRBRAINWWO'], priority: 'A', patientClass: 'O', ages: [50, 75], problems: ['Lung adenocarcinoma'],
    texts: ['NSCLC, new HA + gait unsteady. mets?', 'staging lung ca, brain'] },
  { id: 'pacemaker-mri', codes: ['MRBRAINWO', 'MRCSPINEWO'], priority: 'R', patientClass: 'O', ages: [66, 84],
    notes: ['Cardiology clinic: dual chamber pacemaker placed 2019 for sick sinus syndrome, leads right atrium and ventricle. Device model not recorded here. Battery good, interrogated in spring.'],
    texts: ['memory loss progressive, r/o NPH', '{side} arm radicular pain, failed PT'] },
  { id: 'aneurysm-clip', codes: ['MRBRAINWO', 'MRAHEADWO'], priority: 'R', patientClass: 'O', ages: [48, 70],
    notes: ['Neurosurgery, outside hospital: L MCA aneurysm clipped 1994, operative report requested, clip type unknown.'],
    texts: ['headaches, hx aneurysm surgery yrs ago', 'dizziness, screening MRA, fhx aneurysm'] },
  { id: 'acoustic', codes: ['MRIAC'], priority: 'R', patientClass: 'O', ages: [35, 70],
    texts: ['asym SNHL {side}, tinnitus. vestib schwannoma?'] },
  { id: 'pituitary', codes: ['MRPITUITARY'], priority: 'R', patientClass: 'O', ages: [22, 45], sex: 'F',
    texts: ['prolactin 180, galactorrhea, amenorrhea 5 mo (preg test neg in clinic)'] },
  { id: 'mrcp', codes: ['MRCP', 'USRUQ'], priority: 'A', patientClass: 'I', ages: [30, 75],
    texts: ['gallstone pancreatitis, bili 4.{n}, CBD stone?', 'RUQ pain + jaundice, US CBD 9 mm'] },
  { id: 'crohn', codes: ['MRENTERO'], priority: 'R', patientClass: 'O', ages: [17, 40], problems: ["Crohn's disease"],
    texts: ['crohns flare, ?stricture TI, CRP 60', 'known ileal crohns, fistula eval'] },
  { id: 'prostate', codes: ['MRPROSTATE'], priority: 'R', patientClass: 'O', ages: [52, 75], sex: 'M',
    texts: ['PSA 7.{n}, prior neg bx', 'rising psa, active surveillance gleason 6'] },
  { id: 'prostate-dialysis', codes: ['MRPROSTATE', 'MRABDWWO'], priority: 'R', patientClass: 'O', ages: [58, 74], sex: 'M', egfr: [5, 11], problems: ['End-stage renal disease on hemodialysis'],
    texts: ['PSA 11, on HD MWF. mpMRI', 'renal mass native {side} kidney on US, dialysis pt'] },
  { id: 'rectal-cancer', codes: ['MRRECTUM'], priority: 'A', patientClass: 'O', ages: [48, 76],
    texts: ['rectal adenoca 7 cm from verge, local staging', 'post chemoRT restaging rectum'] },
  { id: 'fibroids', codes: ['MRPELVISW', 'USPELVIS'], priority: 'R', patientClass: 'O', ages: [33, 50], sex: 'F',
    texts: ['menorrhagia, bulky uterus, UAE planning', 'fibroids seen on US, myomectomy?'] },
  { id: 'breast-high-risk', codes: ['MRBREAST'], priority: 'R', patientClass: 'O', ages: [28, 50], sex: 'F',
    texts: ['BRCA1, annual screening', 'dense breasts, mother + sister breast ca, lifetime risk 27%'] },
  { id: 'cardiac-mri', codes: ['MRCARDIAC'], priority: 'R', patientClass: 'O', ages: [25, 65], notes: ['Patient could not finish an MRI in the past: "panicked in the tube", wants something to calm down.'],
    texts: ['myocarditis? trop leak after covid, EF 45', 'HCM, LGE for risk'] },
  { id: 'knee-internal', codes: ['MRKNEEWO', 'XRKNEE3V'], priority: 'R', patientClass: 'O', ages: [16, 45],
    texts: ['twisted {side} knee skiing, pop, effusion, + lachman', '{side} knee locking, medial jt line tender'] },
  { id: 'laterality-slip', codes: ['MRSHOULDERWO', 'XRSHOULDER'], priority: 'R', patientClass: 'O', ages: [40, 68],
    notes: ['Clinic: pain in the left shoulder for 4 months, right shoulder is normal.'], texts: ['R shoulder pain, cuff tear? weak abduction', 'right shldr, failed injections'] },
  { id: 'ankle-sprain', codes: ['XRANKLE3V', 'MRANKLEWO'], priority: 'A', patientClass: 'E', ages: [14, 50],
    texts: ['inversion inj {side} ankle, cant wt bear, lat mall tender', '{side} ankle sprain {n} wks still swollen'] },
  { id: 'diabetic-foot', codes: ['MRFOOTWWO'], priority: 'A', patientClass: 'I', ages: [50, 78], egfr: [24, 34], problems: ['Type 2 diabetes mellitus', 'Diabetic foot ulcer'], medications: ['Insulin glargine'],
    texts: ['{side} great toe ulcer probes to bone. osteo?', 'dm foot wound x {n} wks, ESR 90'] },
  { id: 'fetal', codes: ['MRFETAL'], priority: 'R', patientClass: 'O', ages: [22, 40], sex: 'F', pregnant: 'yes', problems: ['Pregnancy, 24 weeks'],
    texts: ['24w fetus w ventriculomegaly 12 mm on anatomy scan'] },
  { id: 'biliary', codes: ['USRUQ', 'NMHIDA'], priority: 'A', patientClass: 'E', ages: [28, 70],
    texts: ['RUQ pain after fatty meal, murphys +, no fever', 'cholecystitis? WBC 13'] },
  { id: 'renal-us', codes: ['USRENAL'], priority: 'R', patientClass: 'I', ages: [50, 88], egfr: [14, 28], rising: true,
    texts: ['AKI on CKD, obstruction? foley in', 'cr 3.{n} from 1.1, hydro?'] },
  { id: 'ectopic', codes: ['USPELVIS', 'USOBFIRST'], priority: 'S', patientClass: 'E', ages: [20, 38], sex: 'F', pregnant: 'yes', problems: ['Pregnancy of unknown location'],
    texts: ['+hcg 2100, {side} adnexal pain, spotting. ectopic?', '7 wk by LMP, syncope + pelvic pain'] },
  { id: 'thyroid-nodule', codes: ['USTHYROID', 'NMTHYROID'], priority: 'R', patientClass: 'O', ages: [30, 70],
    texts: ['palp {side} thyroid nodule, TSH nl', 'TSH <0.01, hot nodule vs graves'] },
  { id: 'torsion', codes: ['USSCROTUM'], priority: 'S', patientClass: 'E', ages: [11, 24], sex: 'M',
    texts: ['sudden {side} testicular pain {n} hr, high riding, no cremasteric', 'r/o torsion'] },
  { id: 'dvt', codes: ['USDVTLE'], priority: 'A', patientClass: 'E', ages: [35, 80],
    texts: ['{side} calf swelling 3 cm > {other}, long flight', 'swollen {side} leg, active ca on chemo. DVT'] },
  { id: 'line-placement', codes: ['XRCHESTPORT'], priority: 'S', patientClass: 'I', ages: [40, 85], texts: ['new {side} IJ CVC, confirm tip, no ptx', 'post intubation'] },
  { id: 'hip-fracture', codes: ['XRHIP2V'], priority: 'S', patientClass: 'E', ages: [72, 95], sex: 'F', texts: ['fall, {side} leg short + ext rotated', '{side} hip pain cant stand after fall'] },
  { id: 'wrist', codes: ['XRWRIST3V'], priority: 'A', patientClass: 'E', ages: [8, 70], texts: ['FOOSH {side}, snuffbox tender', 'deformed {side} wrist'] },
  { id: 'bone-mets', codes: ['NMBONE'], priority: 'R', patientClass: 'O', ages: [55, 82], texts: ['prostate ca PSA 40, back pain. bone mets', 'breast ca, ALP rising, denies pain'] },
  { id: 'renogram', codes: ['NMRENOGRAM'], priority: 'R', patientClass: 'O', ages: [2, 40], texts: ['{side} hydro, UPJ obstruction? split fn', 'lasix renogram pre pyeloplasty'] },
  { id: 'myocardial-perfusion', codes: ['NMMPI'], priority: 'R', patientClass: 'O', ages: [55, 80], problems: ['Asthma'], texts: ['exertional CP, cant walk d/t knees, wheezy', 'pre op vascular surgery, prior stent'] },
  { id: 'pet-lymphoma', codes: ['PETCTFDG'], priority: 'R', patientClass: 'O', ages: [20, 75], problems: ['Diffuse large B-cell lymphoma', 'Type 2 diabetes mellitus'], medications: [metformin],
    texts: ['DLBCL interim after 2 R-CHOP', 'lymphoma staging, LN neck+axilla'] },
  { id: 'mammo-screen', codes: ['MGSCREEN'], priority: 'R', patientClass: 'O', ages: [42, 74], sex: 'F', texts: ['annual screening', 'routine mammo, no complaints, no fhx'] },
  { id: 'breast-lump', codes: ['MGDIAG', 'USBREAST'], priority: 'A', patientClass: 'O', ages: [34, 70], sex: 'F', texts: ['palp lump {side} breast 2 oclock {n} cm FN', '{side} bloody nipple d/c'] },
  { id: 'dysphagia', codes: ['FLESOPH', 'FLMBS'], priority: 'R', patientClass: 'O', ages: [50, 85], texts: ['solids stick, heartburn yrs, no wt loss', 'coughs w thin liquids after CVA'] },
  { id: 'bariatric-leak', codes: ['FLUGI'], priority: 'A', patientClass: 'I', ages: [28, 60], texts: ['POD1 sleeve gastrectomy, tachy. leak?', 'post RYGB, water soluble pls'] },
  { id: 'vcug', codes: ['FLVCUG'], priority: 'R', patientClass: 'O', ages: [1, 8], egfr: null, texts: ['2nd febrile UTI, reflux?', 'hydro on US, boy, PUV?'] },
  { id: 'hsg', codes: ['FLHSG'], priority: 'R', patientClass: 'O', ages: [27, 41], sex: 'F', egfr: null, texts: ['infertility 2 yrs, tubal patency, day {n} of cycle', 'recurrent SAB, uterine septum?'] },
]; // prettier-ignore

/** Lines that travel from one order to the next, long after they were true or of use. */
export const copiedForward = [
  'Per last visit: ', 'PMH copied: HTN, HLD, GERD, s/p appy 1998. ', 'HPI: pt is a pleasant {age} yo who presents with ', '[see note] ', 'pls see prior order. ',
  'COPIED FROM PREVIOUS: no known allergies, never smoker. now ',
] as const; // prettier-ignore

/** Trailing remarks, many of them denials. */
export const remarks = [
  '. no trauma', '. denies fever', ', no hx of ca', '. not pregnant per pt', '. neg FAST', '. pt claustrophobic??', '. call w results 4-2213', ' - no prior imaging here',
  '. denies chest pain, sob, n/v', '. was seen for same 2 yrs ago, CT then neg', '. family hx of stroke',
] as const; // prettier-ignore
